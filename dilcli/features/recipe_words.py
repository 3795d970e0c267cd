"""What recipes are called: in the names of outputs, and in records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.noise_found import NoiseFound
    from dilcli.core.recipe import Recipe
    from dilcli.core.starlet_recipe import StarletRecipe
    from dilcli.core.treatment import Treatment
    from dilcli.features.outcome import Outcome

__all__ = [
    "clipping_remedy",
    "default_template",
    "made_how",
    "makes_planes",
    "multiply_adds",
    "name_fields",
    "noise_notes",
    "noise_record",
    "settings_record",
    "starlet_of",
]


def starlet_of(recipe: Treatment) -> StarletRecipe | None:
    """Give a recipe for planes as what it is, and None for dilated filtering."""
    from dilcli.core.recipe import Recipe

    if isinstance(recipe, Recipe):
        return None
    from dilcli.core.starlet_recipe import StarletRecipe

    assert isinstance(recipe, StarletRecipe)
    return recipe


def makes_planes(recipe: Treatment) -> bool:
    """Tell whether a picture is taken apart into files of planes."""
    from dilcli.core.recipe import Recipe

    if isinstance(recipe, Recipe):
        return False
    from dilcli.core.starlet_recipe import Planes, StarletRecipe

    return isinstance(recipe, StarletRecipe) and isinstance(recipe.change, Planes)


def default_template(recipe: Treatment) -> str:
    """Give the names of outputs beside their inputs."""
    starlet = starlet_of(recipe)
    return files.DEFAULT_TEMPLATE if starlet is None else f"{{stem}}_{_made(starlet)}{{ext}}"


def name_fields(recipe: Treatment) -> dict[str, str | int]:
    """Give the fields of a template that a recipe decides."""
    from dilcli.core.recipe import Recipe

    if isinstance(recipe, Recipe):
        return {
            "kernel": recipe.kernel.name,
            "dilation": files.dilation_text(recipe.dilations),
        }
    starlet = starlet_of(recipe)
    assert starlet is not None
    return {"kernel": starlet.kernel.name}


def settings_record(recipe: Treatment) -> dict[str, Any]:
    """Give the settings of a recipe as plain values with stable keys, for JSON."""
    from dilcli.core.recipe import Recipe

    if isinstance(recipe, Recipe):
        return _filter_record(recipe)
    starlet = starlet_of(recipe)
    assert starlet is not None
    return _starlet_record(starlet)


def _filter_record(recipe: Recipe) -> dict[str, Any]:
    kernel = recipe.kernel
    rates = [list(rate) for rate in recipe.dilations]
    sizes = [list(kernel.effective_size(rate)) for rate in recipe.dilations]
    return {
        "kernel": kernel.name,
        "dilation": rates[0] if len(rates) == 1 else rates,
        "effective_size": sizes[0] if len(sizes) == 1 else sizes,
        "taps": len(kernel.taps()),
        "boundary": recipe.boundary,
    }


def _starlet_record(recipe: StarletRecipe) -> dict[str, Any]:
    from dilcli.core.denoising import Denoising
    from dilcli.core.starlet_recipe import Enhancing

    change = recipe.change
    record = {
        "made": _made(recipe),
        "kernel": recipe.kernel.name,
        "levels": recipe.levels,
        "generation": recipe.generation,
        "boundary": recipe.boundary,
        "fill": recipe.fill,
        "channels": "luma" if recipe.luma else "all",
    }
    if isinstance(change, Enhancing):
        record |= {"gain": list(change.gains), "residual_gain": change.residual_gain}
    if isinstance(change, Denoising):
        record |= {
            "ksigma": list(change.ksigma),
            "threshold": change.threshold,
            "poisson": None if change.noise is None else list(change.noise),
            "amount": change.amount,
            "iterations": change.iterations,
            "positive": change.positive,
        }
    return record


def _made(recipe: StarletRecipe) -> str:
    """Say in a word what is made."""
    from dilcli.core.denoising import Denoising
    from dilcli.core.starlet_recipe import Enhancing, Planes

    if isinstance(recipe.change, Denoising):
        return "denoised"
    if isinstance(recipe.change, Planes):
        return "planes"
    return "enhanced" if isinstance(recipe.change, Enhancing) else "background"


def multiply_adds(recipe: Treatment) -> int:
    """Count the multiply-adds that a sample takes: of all taps, of all rates or levels."""
    from dilcli.core.recipe import Recipe

    if isinstance(recipe, Recipe):
        return len(recipe.kernel.taps()) * len(recipe.dilations)
    from dilcli.core.scaling import scaling_taps

    starlet = starlet_of(recipe)
    assert starlet is not None
    # Rows, then columns; generation 2 smooths twice, and its inverse once more.
    return 2 * len(scaling_taps(starlet.kernel)) * starlet.levels * (1, 3)[starlet.generation - 1]


def made_how(outcome: Outcome) -> str:
    """Say how samples were made: the response, or the transform and the noise that was found."""
    starlet = starlet_of(outcome.recipe)
    if starlet is None:
        return f"response {outcome.response}"
    words = f"{_made(starlet)}, {starlet.levels} level{'s' * (starlet.levels > 1)}"
    if not outcome.noise:
        return words
    first = outcome.noise[0]
    sigma = ", ".join(f"{each:.4g}" for each in first.sigma)
    kept = ", ".join(f"{sum(level) / len(level):.1%}" for level in first.kept)
    several = " in the first frame" if len(outcome.noise) > 1 else ""
    return f"{words}, sigma {sigma}{several}, details kept {kept}"


def clipping_remedy(outcome: Outcome) -> str:
    """Say which options keep samples that were clipped."""
    deeper = "--depth float with a .tif or .npy"
    if starlet_of(outcome.recipe) is not None:
        return deeper
    others = " or ".join(word for word in ("offset", "minmax") if word != outcome.response)
    return f"--response {others}, or {deeper}"


def noise_notes(noise: Sequence[NoiseFound]) -> tuple[str, ...]:
    """Say where no noise could be found, so that nothing was taken for it."""
    notes = []
    for number, found in enumerate(noise):
        if not found.estimated or not found.unfiltered:
            continue
        where = f"frame {number}, " * (len(noise) > 1)
        channels = ", ".join(map(str, found.unfiltered))
        notes.append(
            f"{where}channel{'s' * (len(found.unfiltered) > 1)} {channels}: the median of the "
            "finest details is 0 (flat, saturated, or free of noise), so no noise is estimated "
            "and nothing removed; --sigma gives it by hand"
        )
    return tuple(notes)


def noise_record(outcome: Outcome) -> dict[str, Any]:
    """Give what was found of noise as plain values, for JSON; nothing for dilated filtering."""
    starlet = starlet_of(outcome.recipe)
    if starlet is None:
        return {}
    frames = [
        {
            "sigma": list(found.sigma),
            "estimated": found.estimated,
            "levels": [
                {"level": level, "threshold": list(limits), "kept_fraction": list(kept)}
                for level, (limits, kept) in enumerate(
                    zip(found.limits, found.kept, strict=True), start=1
                )
            ],
        }
        for found in outcome.noise
    ]
    return {"noise": frames}
