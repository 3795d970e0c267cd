"""Click and rich: options, parameter types, rendering."""
