"""A small network in numpy: its loss, its gradients, and two ways to follow them, all in 32 bits, as on a GPU."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

#: Below zero a unit still learns. With a plain ReLU too large a learning rate only kills the units; here it shows.
LEAK = np.float32(0.1)


class Network:
    """Layers of equal width with leaky ReLUs, and a softmax over ten digits."""

    def __init__(self, width: int, layers: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        sizes = [64, *[width] * layers, 10]
        self.weights: list[Array] = [
            (random.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)).astype(np.float32)
            for inputs, outputs in zip(sizes, sizes[1:])
        ]
        self.biases: list[Array] = [np.zeros(outputs, np.float32) for outputs in sizes[1:]]

    @property
    def parameters(self) -> list[Array]:
        return self.weights + self.biases

    def scores(self, images: Array) -> list[Array]:
        """What each layer gives, the images first and the scores of the ten digits last."""
        outputs = [images]
        for weight, bias in zip(self.weights[:-1], self.biases):
            inputs = outputs[-1] @ weight + bias
            outputs.append(np.where(inputs > 0, inputs, LEAK * inputs))
        outputs.append(outputs[-1] @ self.weights[-1] + self.biases[-1])
        return outputs

    def learn(self, images: Array, digits: NDArray[np.int64]) -> tuple[float, float, list[Array]]:
        """The loss and the accuracy on a batch, and the gradient of the loss by each of `parameters`."""
        outputs = self.scores(images)
        log_probabilities, loss = _cross_entropy(outputs[-1], digits)
        accuracy = float((outputs[-1].argmax(axis=1) == digits).mean())
        error = np.exp(log_probabilities)
        error[np.arange(len(digits)), digits] -= 1
        error /= len(digits)
        by_weight: list[Array] = []
        by_bias: list[Array] = []
        for layer in reversed(range(len(self.weights))):
            by_weight.insert(0, outputs[layer].T @ error)
            by_bias.insert(0, error.sum(axis=0))
            slope = np.where(outputs[layer] > 0, np.float32(1), LEAK)
            error = (error @ self.weights[layer].T) * slope
        return loss, accuracy, by_weight + by_bias

    def judge(self, images: Array, digits: NDArray[np.int64]) -> tuple[float, NDArray[np.int64]]:
        """The loss on images, and the digits it takes them for."""
        scores = self.scores(images)[-1]
        return _cross_entropy(scores, digits)[1], scores.argmax(axis=1)

    def copy(self) -> list[Array]:
        return [parameter.copy() for parameter in self.parameters]

    def restore(self, parameters: list[Array]) -> None:
        for kept, parameter in zip(parameters, self.parameters):
            parameter[...] = kept


def _cross_entropy(scores: Array, digits: NDArray[np.int64]) -> tuple[Array, float]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_probabilities, -float(log_probabilities[np.arange(len(digits)), digits].mean())


def norm(arrays: list[Array]) -> float:
    """The Euclidean norm of all of them together."""
    return float(np.sqrt(sum(np.square(array).sum() for array in arrays)))


@dataclass
class Sgd:
    """Stochastic gradient descent with momentum."""

    momentum: float
    weight_decay: float
    _speeds: list[Array] = field(default_factory=list)

    def step(self, parameters: list[Array], gradients: list[Array], rate: float) -> None:
        self._speeds = self._speeds or [np.zeros_like(one) for one in parameters]
        for speed, parameter, gradient in zip(self._speeds, parameters, gradients):
            speed *= np.float32(self.momentum)
            speed -= np.float32(rate) * (gradient + np.float32(self.weight_decay) * parameter)
            parameter += speed


@dataclass
class Adam:
    """Kingma and Ba 2014, with the weight decay apart (Loshchilov and Hutter 2017)."""

    betas: tuple[float, float]
    weight_decay: float
    _means: list[Array] = field(default_factory=list)
    _squares: list[Array] = field(default_factory=list)
    _steps: int = 0

    def step(self, parameters: list[Array], gradients: list[Array], rate: float) -> None:
        self._means = self._means or [np.zeros_like(one) for one in parameters]
        self._squares = self._squares or [np.zeros_like(one) for one in parameters]
        self._steps += 1
        first, second = self.betas
        for mean, square, parameter, gradient in zip(self._means, self._squares, parameters, gradients):
            mean += np.float32(1 - first) * (gradient - mean)
            square += np.float32(1 - second) * (np.square(gradient) - square)
            likely = mean / np.float32(1 - first**self._steps)
            spread = np.sqrt(square / np.float32(1 - second**self._steps))
            parameter -= np.float32(rate) * (
                likely / (spread + np.float32(1e-8)) + np.float32(self.weight_decay) * parameter
            )
