"""The shipped encoder: all-MiniLM-L6-v2, int8 ONNX (see LICENSE and manifest.json)."""
