"""ONNX operators in PyTorch: resizing and sampling images."""

import itertools
import math

import torch
import torch.nn.functional as functional

from torch_operators import operator


def original_coordinate(mode, place, scale, resized, extent, start, end):
    if mode == "align_corners":
        return 0.0 if resized == 1 else place * (extent - 1) / (resized - 1)
    if mode == "asymmetric":
        return place / scale
    if mode == "tf_crop_and_resize":
        if resized == 1:
            return 0.5 * (start + end) * (extent - 1)
        return start * (extent - 1) + place * (end - start) * (extent - 1) / (resized - 1)
    half_pixel = (place + 0.5) / scale - 0.5
    if mode == "pytorch_half_pixel":
        return half_pixel if resized > 1 else 0.0
    if mode == "half_pixel_symmetric":
        return extent / 2 * (1 - resized / (scale * extent)) + half_pixel
    return half_pixel


def keys_kernel(distance, a):
    distance = abs(distance)
    if distance <= 1:
        return (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    if distance < 2:
        return a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a
    return 0.0


def nearest_pixel(place, rounding):
    if rounding == "floor":
        return math.floor(place)
    if rounding == "ceil":
        return math.ceil(place)
    return math.ceil(place - 0.5) if rounding == "round_prefer_floor" else math.floor(place + 0.5)


def resize_matrix(node, extent, resized, scale, start, end):
    """What every output takes of every input along one axis."""
    matrix = torch.zeros(resized, extent)
    coordinates = node.get("coordinate_transformation_mode", "half_pixel")
    mode = node.get("mode", "nearest")
    for place in range(resized):
        centre = place if scale == 1 else original_coordinate(coordinates, place, scale, resized, extent, start, end)
        if coordinates == "tf_crop_and_resize" and not 0 <= centre <= extent - 1:
            continue
        if mode == "nearest":
            matrix[place, min(max(nearest_pixel(centre, node.get("nearest_mode", "round_prefer_floor")), 0), extent - 1)] = 1
            continue
        # Wider by the scale where antialias averages over all that an output stands for.
        width = max(1.0, 1 / scale) if node.get("antialias", 0) else 1.0
        reach = math.ceil((2 if mode == "cubic" else 1) * width)
        taps = range(math.floor(centre) - reach, math.floor(centre) + reach + 2)
        if mode == "cubic":
            weights = {tap: keys_kernel((tap - centre) / width, node.get("cubic_coeff_a", -0.75)) for tap in taps}
        else:
            weights = {tap: max(0.0, 1 - abs(tap - centre) / width) for tap in taps}
        if node.get("exclude_outside", 0):
            weights = {tap: weight for tap, weight in weights.items() if 0 <= tap < extent}
        total = sum(weights.values())
        for tap, weight in weights.items():
            matrix[place, min(max(tap, 0), extent - 1)] += weight / total
    return matrix


@operator("Resize")
def resize(node, x, roi=None, scales=None, sizes=None):
    axes = [axis % x.dim() for axis in node.get("axes") or range(x.dim())]
    extents = [x.shape[axis] for axis in axes]
    if scales is not None:
        factors = [float(torch.tensor(scale, dtype=torch.float32)) for scale in scales.tolist()]
        resized = [math.floor(extent * factor) for extent, factor in zip(extents, factors)]
    else:
        resized = sizes.tolist()
        factors = [size / extent if extent else 1.0 for size, extent in zip(resized, extents)]
        policy = node.get("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            factors = [(min if policy == "not_larger" else max)(factors)] * len(axes)
            resized = [math.floor(extent * factor + 0.5) for extent, factor in zip(extents, factors)]
    if resized == extents:
        return x * 1
    region = [0.0] * len(axes) + [1.0] * len(axes) if roi is None else roi.tolist()
    for index, axis in enumerate(axes):
        matrix = resize_matrix(node, extents[index], resized[index], factors[index], region[index], region[len(axes) + index])
        x = torch.tensordot(matrix, x, dims=([1], [axis])).movedim(0, axis)
    return x


@operator("AffineGrid")
def affine_grid(node, theta, size):
    return functional.affine_grid(theta, size.tolist(), align_corners=bool(node.get("align_corners", 0)))


@operator("GridSample")
def grid_sample(node, x, grid):
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(node.get("mode", "linear"), "nearest")
    return functional.grid_sample(x, grid, mode, node.get("padding_mode", "zeros"), bool(node.get("align_corners", 0)))


def neighbours(place, extent):
    """The pixels on both sides of a sample and their weights; none far outside."""
    if place < -1 or place > extent:
        return [(0, 0.0), (0, 0.0)]
    place = min(max(place, 0.0), extent - 1.0)
    low = math.floor(place)
    return [(low, 1 - (place - low)), (min(low + 1, extent - 1), place - low)]


@operator("RoiAlign")
def roi_align(node, x, rois, batch):
    height, width = node.get("output_height", 1), node.get("output_width", 1)
    shifted = node.get("coordinate_transformation_mode", "half_pixel") == "half_pixel"
    regions = []
    for roi, image in zip(rois.tolist(), batch.tolist()):
        corners = [coordinate * node.get("spatial_scale", 1.0) - (0.5 if shifted else 0.0) for coordinate in roi]
        axes = []
        for start, end, bins, extent in ((corners[1], corners[3], height, x.shape[2]), (corners[0], corners[2], width, x.shape[3])):
            size = (end - start if shifted else max(end - start, 1.0)) / bins
            count = node.get("sampling_ratio", 0) or math.ceil(size)
            axes.append([[neighbours(start + (each + (sample + 0.5) / count) * size, extent) for sample in range(count)] for each in range(bins)])
        for rows, columns in itertools.product(*axes):
            samples = []
            for row, column in itertools.product(rows, columns):
                samples.append(torch.stack([x[image, :, i, j] * (a * b) for (i, a), (j, b) in itertools.product(row, column)]))
            samples = torch.stack(samples)
            # The maximum is one of the weighted pixels, not one of the interpolated samples.
            regions.append(samples.amax((0, 1)) if node.get("mode", "avg") == "max" else samples.sum(1).mean(0))
    return torch.stack(regions).reshape(len(rois), height, width, x.shape[1]).permute(0, 3, 1, 2)
