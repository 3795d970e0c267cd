"""ONNX networks as layers: what each operator reads of its inputs."""
