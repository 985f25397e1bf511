"""Probes and transforms of the less used layers that augment images, as under augmentation."""

from keras import layers as L

from arrays import uniform
from families.augmentation import FIRST, PIXELS, several, transform
from probes import constructor_error, start

BYTES = PIXELS[:1, :3, :4]


def at_rest():
    yield several("more augmentation at rest", [
        lambda: L.RandomShear((0.2, 0.4), [0.1, 0.3], "nearest", "wrap", 0.5, seed=1), lambda: L.RandomPerspective(0.5, 0.7, "nearest", 2.0, 3), lambda: L.RandomPerspective(),
        lambda: L.RandomGrayscale(0.3, seed=1), lambda: L.RandomHue([0.1, 0.2], (0, 1), seed=1), lambda: L.RandomSaturation(0.2, (1, 0)), lambda: L.RandomSharpness(0.4, (1, 0)),
        lambda: L.RandomPosterization([2, 5]), lambda: L.RandomInvert(), lambda: L.RandomInvert(0.5, (0, 1)), lambda: L.RandomColorDegeneration(0.5, (1, 0)),
        lambda: L.Solarization(0.1, (0.2, 0.5), (255, 0), bounding_box_format="xyxy"),
        lambda: L.RandomErasing(0.5, (0.1, 0.2), 3.0, (0, 1)), lambda: L.RandomErasing(fill_value=(1.0, 2.0, 3.0)), lambda: L.RandomGaussianBlur(0.5, (3, 5), 0.4, (0, 1)), lambda: L.RandomGaussianBlur(),
    ], uniform(1, 1, 3, 2, 3, low=0, high=1))  # fmt: skip
    yield several("more augmentation of bytes", [
        lambda: L.RandomShear(), lambda: L.RandomGrayscale(), lambda: L.RandomHue(0.1), lambda: L.RandomSharpness(0.2), lambda: L.RandomPosterization(3), lambda: L.RandomInvert(),
        lambda: L.RandomColorDegeneration(0.5), lambda: L.Solarization(), lambda: L.RandomErasing(), lambda: L.RandomGaussianBlur(),
        # Not of floats: the last bit of the largest decides whether it is clipped, and so has a gradient.
        lambda: L.AutoContrast(), lambda: L.AutoContrast((200, 20)), lambda: L.AutoContrast(**FIRST),
    ], BYTES)  # fmt: skip


def given(name, layer, x):
    """As transform(), for RandomGrayscale too, which draws an array."""
    if isinstance(layer, L.RandomGrayscale):
        draw = layer.get_random_transformation
        layer.get_random_transformation = lambda images, **arguments: {"should_apply": draw(images, **arguments)}
        change = layer.transform_images
        layer.transform_images = lambda images, drawn, **arguments: change(images, drawn["should_apply"], **arguments)
    return transform(name, layer, x)


def transforms():
    x, first, unit = uniform(1, 2, 3, 4, 1, low=0, high=255), uniform(2, 2, 3, 2, 3, low=0, high=255), uniform(3, 2, 2, 3, 3, low=0, high=1)
    yield given("shear", L.RandomShear(0.6, (0.2, 0.5), seed=1), x)
    yield given("shear, channels first", L.RandomShear((0.1, 0.9), 0.3, "nearest", "constant", 7.0, seed=2, **FIRST), first)
    yield given("perspective", L.RandomPerspective((0.9, 1.0), 0.6, seed=1), uniform(4, 3, 4, 5, 1))
    yield given("perspective, channels first", L.RandomPerspective(1.0, 0.4, "nearest", 5.0, seed=3, **FIRST), first)
    yield given("grayscale", L.RandomGrayscale(0.6, seed=1), unit)
    yield given("grayscale, channels first", L.RandomGrayscale(0.6, seed=1, **FIRST), first)
    yield given("hue", L.RandomHue(0.9, seed=1), uniform(5, 3, 2, 2, 3, low=0, high=255))
    yield given("hue, channels first", L.RandomHue((0.5, 0.9), (-1, 300), seed=2, **FIRST), first)
    yield given("hue, bytes", L.RandomHue(0.9, seed=1), BYTES)
    yield given("saturation", L.RandomSaturation((0.3, 0.8), (0, 1), seed=1), unit)
    yield given("saturation, channels first", L.RandomSaturation(0.7, seed=2, **FIRST), first / 255)
    yield given("sharpness", L.RandomSharpness(0.9, seed=1), x)
    yield given("sharpness, channels first", L.RandomSharpness((0.5, 1.0), (0, 200), seed=2, **FIRST), first)
    yield given("posterization", L.RandomPosterization(6, seed=1), uniform(6, 3, 2, 3, 1, low=0, high=255))
    yield given("posterization, range", L.RandomPosterization((3, 3), (0, 1), seed=1), unit)
    yield given("posterization, bytes", L.RandomPosterization((1, 4), seed=1), BYTES)
    yield given("invert", L.RandomInvert((0.2, 0.8), seed=1), uniform(7, 6, 1, 2, 1, low=0, high=255))
    yield given("degeneration", L.RandomColorDegeneration(0.9, (0, 1), seed=1), unit)
    yield given("degeneration, channels first", L.RandomColorDegeneration((0.2, 0.4), seed=1, **FIRST), first)
    yield given("solarization", L.Solarization(0.2, (0.3, 0.6), seed=1), x)
    yield given("solarization, range", L.Solarization((0.1, 0.3), 0.8, (0, 1), seed=1), unit)
    yield given("erasing", L.RandomErasing((0.5, 1.0), (0.3, 0.6), seed=1), x)
    yield given("erasing, channels first", L.RandomErasing(1.0, 0.7, 9.0, seed=2, **FIRST), first)
    yield given("blur", L.RandomGaussianBlur((0.5, 1.0), (3, 5), (0.5, 1.0), seed=1), x)
    yield given("blur, channels first, float16", L.RandomGaussianBlur(1.0, 3, 1.0, (0, 1), seed=2, dtype="mixed_float16", **FIRST), first / 255)


def errors():
    for cls in (L.RandomHue, L.RandomSharpness, L.RandomInvert, L.RandomErasing, L.RandomPerspective, L.RandomGaussianBlur, L.RandomSaturation, L.RandomColorDegeneration, L.RandomPosterization):
        for factor in (-2, 9, [0.1], "x"):
            yield constructor_error(cls, factor=factor)
    for factor in (-0.1, 1.1):
        yield constructor_error(L.RandomGrayscale, factor=factor)
        yield constructor_error(L.RandomShear, x_factor=factor)
        yield constructor_error(L.RandomShear, y_factor=[0.1, factor])
        yield constructor_error(L.Solarization, addition_factor=factor)
        yield constructor_error(L.Solarization, threshold_factor=[factor, 0.5])
        yield constructor_error(L.RandomPerspective, scale=factor)
    yield constructor_error(L.RandomGaussianBlur, kernel_size=2)
    yield constructor_error(L.RandomGaussianBlur, sigma=2)
    yield constructor_error(L.RandomShear, fill_mode="x")
    yield constructor_error(L.RandomPerspective, interpolation="bicubic")
    yield constructor_error(L.AutoContrast, value_range=1)


def cases():
    start()
    return {"probes": list(at_rest()), "errors": list(errors()), "transforms": list(transforms())}
