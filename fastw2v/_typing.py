"""Types that many signatures share."""

from __future__ import annotations

import os
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
StrPath: TypeAlias = "str | os.PathLike[str]"
Key: TypeAlias = "str | int | np.integer[Any]"
