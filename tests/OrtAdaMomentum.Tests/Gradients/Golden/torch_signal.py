"""ONNX operators in PyTorch: Fourier transforms."""

import torch

from torch_operators import operator


@operator("DFT")
def fourier(node, x, length=None, axis=None):
    axis = -2 if axis is None else int(axis)
    axis = axis % x.dim()
    values = torch.view_as_complex(x.contiguous()) if x.shape[-1] == 2 else x[..., 0] + 0j
    count = x.shape[axis] if length is None else int(length)
    transform = torch.fft.ifft if node.get("inverse", 0) else torch.fft.fft
    result = transform(values, n=count, dim=axis)
    if node.get("onesided", 0):
        result = result.narrow(axis, 0, count // 2 + 1)
    return torch.view_as_real(result)


@operator("STFT")
def short_time_fourier(node, signal, step, window=None, length=None):
    count = int(length) if length is not None else len(window)
    frames = signal.unfold(1, count, int(step)).transpose(2, 3)
    if window is not None:
        frames = frames * window.reshape(-1, 1)
    values = torch.view_as_complex(frames.contiguous()) if signal.shape[-1] == 2 else frames[..., 0] + 0j
    result = torch.fft.fft(values, dim=2)
    if node.get("onesided", 1):
        result = result[:, :, : count // 2 + 1]
    return torch.view_as_real(result)
