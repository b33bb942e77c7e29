"""What could not be used of a link, collected while it is read."""

from dataclasses import dataclass, field


@dataclass
class Notices:
    """What could not be read from an address, in sentences for the reader."""

    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        """Add a sentence once."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)
