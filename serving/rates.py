"""How often something may happen: a number each second, and a burst on top."""

import time
from collections.abc import Callable, Container

Clock = Callable[[], float]


class Allowance:
    """Tokens that refill at ``rate`` a second up to ``burst``; each event takes one."""

    def __init__(self, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._at = burst, clock()

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def take(self) -> bool:
        """Take a token if there is one; say whether there was."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Put back a token that was taken for something that did not happen."""
        self._tokens = min(self._burst, self._tokens + 1)

    def wait(self) -> float:
        """Return the seconds until there is a token: 0 where there is one."""
        self._refill()
        return max(0.0, (1 - self._tokens) / self._rate)

    @property
    def full(self) -> bool:
        """Whether nothing has been taken lately."""
        self._refill()
        return self._tokens >= self._burst


class Allowances:
    """An allowance for each address; those that are whole again are forgotten."""

    def __init__(self, rate: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._kind = rate, burst, clock
        self._held: dict[str, Allowance] = {}

    def of(self, address: str) -> Allowance:
        """Return the allowance of an address."""
        return self._held.setdefault(address, Allowance(*self._kind))

    def take(self, address: str) -> bool:
        """Take one if there is one to take for this address."""
        self.forget()
        return self.of(address).take()

    def forget(self, but: Container[str] = ()) -> None:
        """Forget the addresses from which nothing has come lately, ``but`` those in use."""
        for quiet in [each for each, held in self._held.items() if held.full and each not in but]:
            del self._held[quiet]
