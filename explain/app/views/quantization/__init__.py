"""The quantization page: int8 beside float, tensor by tensor."""
