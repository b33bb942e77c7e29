"""Types and rounding of the arrays that figures are worked out in."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
# Sums of the same numbers in another order differ in the 13th digit or so. Rounding first keeps
# such noise from parting two areas that are equal.
SAME = 9
