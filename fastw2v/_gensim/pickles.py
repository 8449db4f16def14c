"""Pickles read as data: nothing that they name is imported, and nothing is ever called.

Python's own unpickler builds whatever a file asks for. This one knows the few things that vectors
consist of: numbers, strings, containers and numpy's arrays; objects of the classes that `allowed`
names become a `Record` of their attributes. All else is refused with the name that the file asks
for. The machine and its instructions are those of Python's module ``pickletools``, protocols 2
to 5; protocols 0 and 1, and the instructions for persistent ids, extension codes and buffers that
are elsewhere, are refused.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from typing import Any

from fastw2v._gensim.pickled_values import CONSTRUCTORS, Dtype, Global, Record, Unfilled, plain
from fastw2v._typing import StrPath
from fastw2v.errors import FormatError, TruncatedError

_UINT, _SIGNED = struct.Struct("<I").unpack_from, struct.Struct("<i").unpack_from
_STOP, _MEMOIZE, _SHORT_TEXT, _TEXT, _SHORT_GET, _GET, _INT, _PUT = b".\x94\x8cXhjJr"
_TEXTS = frozenset((_SHORT_TEXT, _TEXT))
_MAX_DIGITS = 20
_SIZED = (str, bytes, list, tuple, dict)


def load(path: StrPath, data: bytes | mmap.mmap, allowed: Callable[[str], bool]) -> Any:
    """Return what a pickle holds.

    Parameters
    ----------
    path : str or os.PathLike
        The file, which errors name.
    data : bytes or mmap
        What is in it.
    allowed : callable
        Tells whether a class or function of that full name may be named in the file.

    Returns
    -------
    object
        Numbers, strings, bytes, lists, tuples, sets, dicts, `Record`; and arrays of numbers,
        which `resolved` gives.

    Raises
    ------
    FormatError
        The pickle is damaged, or asks for anything else.

    Examples
    --------
    >>> import pickle
    >>> load("a.pickle", pickle.dumps({"왕": [1, 2.5]}), lambda name: False)
    {'왕': [1, 2.5]}
    >>> try:
    ...     load("a.pickle", pickle.dumps(print), lambda name: False)
    ... except FormatError as error:
    ...     print(error.message.split(":")[1].split(",")[0])
     asks for builtins.print
    """
    machine = _Machine(path, data, allowed)
    try:
        return machine.run()
    except FormatError:
        raise
    except (EOFError, struct.error, LookupError) as error:
        if not isinstance(error, LookupError) or machine.position + 1 >= len(data):
            problem = f"byte {len(data)}: the pickle ends too early; copy or write it again"
            raise TruncatedError(path, problem) from None
        problem = "its instructions do not fit together"
    except (TypeError, ValueError, OverflowError) as error:
        problem = str(error)
    raise FormatError(path, f"byte {machine.position}: a damaged pickle: {problem}") from None


class _Machine:
    """Runs the instructions of a pickle, which put values on a stack and take them off it."""

    def __init__(
        self, path: StrPath, data: bytes | mmap.mmap, allowed: Callable[[str], bool]
    ) -> None:
        self.position = 0  # of the instruction that is run
        self._path = path
        self._data, self._end = data, len(data)
        self._allowed = allowed
        self._at = 0
        self._stack: list[Any] = []
        self._marks: list[int] = []  # how high the stack was when each was set
        self._memo: dict[int, Any] = {}
        # What constructors may still copy. What they are given stands in the file, and is copied
        # once or twice; a bomb gives them the same again and again.
        self._left = 4 * len(data)
        self._steps: list[Callable[[], None]] = [self._refuse] * 256
        for code, step in self._instructions().items():
            self._steps[code[0]] = step

    def run(self) -> Any:
        """Run up to the STOP instruction; return what it finds on the stack."""
        data, steps, stack, memo, end = self._data, self._steps, self._stack, self._memo, self._end
        at = start = 0
        try:
            while at < end:
                start = at
                code = data[at]
                at += 1
                # The instructions that words and their rows consist of, as the files have millions.
                if code == _MEMOIZE:
                    memo[len(memo)] = stack[-1]
                elif code in _TEXTS:
                    size = data[at] if code == _SHORT_TEXT else _UINT(data, at)[0]
                    at += size + (1 if code == _SHORT_TEXT else 4)
                    if at > end:
                        raise EOFError
                    stack.append(data[at - size : at].decode("utf-8", "surrogatepass"))
                elif code == _SHORT_GET:
                    stack.append(memo[data[at]])
                    at += 1
                elif code == _GET:
                    stack.append(memo[_UINT(data, at)[0]])
                    at += 4
                elif code == _INT:
                    stack.append(_SIGNED(data, at)[0])
                    at += 4
                elif code == _PUT:
                    memo[_UINT(data, at)[0]] = stack[-1]
                    at += 4
                elif code == _STOP:
                    return self._pop()
                else:
                    self._at, self.position = at, start
                    steps[code]()
                    at = self._at
            raise EOFError
        finally:
            self.position = start

    def _instructions(self) -> dict[bytes, Callable[[], None]]:
        push = self._stack.append
        return {
            b"\x80": self._protocol,
            b"\x95": self._frame,
            b"(": lambda: self._marks.append(len(self._stack)),
            b"0": self._pop,
            b"1": lambda: self._marked().clear(),
            b"N": lambda: push(None),
            b"\x88": lambda: push(True),
            b"\x89": lambda: push(False),
            b"K": lambda: push(self._number("B")),
            b"M": lambda: push(self._number("<H")),
            b"\x8a": lambda: push(int.from_bytes(self._bytes("B"), "little", signed=True)),
            b"\x8b": lambda: push(int.from_bytes(self._bytes("<i"), "little", signed=True)),
            b"I": self._integer,
            b"G": lambda: push(self._number(">d")),
            # Of Python 2, whose strings were bytes.
            b"T": lambda: push(self._bytes("<i").decode("latin1")),
            b"U": lambda: push(self._bytes("B").decode("latin1")),
            b"B": lambda: push(self._bytes("<I")),
            b"C": lambda: push(self._bytes("B")),
            b"\x8e": lambda: push(self._bytes("<Q")),
            b"\x96": lambda: push(self._bytes("<Q")),
            b"\x8d": lambda: push(self._bytes("<Q").decode("utf-8", "surrogatepass")),
            b"]": lambda: push([]),
            b")": lambda: push(()),
            b"}": lambda: push({}),
            b"\x8f": lambda: push(set()),
            b"a": self._append,
            b"e": self._extend,
            b"s": self._set_item,
            b"u": self._set_items,
            b"\x90": self._add_items,
            b"\x91": lambda: push(frozenset(plain(self._marked()))),
            b"t": lambda: push(tuple(self._marked())),
            b"\x85": lambda: self._tuple(1),
            b"\x86": lambda: self._tuple(2),
            b"\x87": lambda: self._tuple(3),
            b"c": self._global,
            b"i": self._global,  # INST, to be refused by the name that it asks for
            b"\x93": self._stack_global,
            b"R": self._reduce,
            b"\x81": self._new_object,
            b"b": self._build,
            b"q": lambda: self._remember(self._number("B")),
        }

    # ----------------------------------------------------------------------- reading the file

    def _skip(self, size: int) -> int:
        """Pass over so many bytes; return where they began."""
        start = self._at
        if not 0 <= size <= self._end - start:
            raise EOFError
        self._at = start + size
        return start

    def _number(self, code: str) -> Any:
        return struct.unpack_from(code, self._data, self._skip(struct.calcsize(code)))[0]

    def _bytes(self, code: str) -> bytes:
        """Return as many bytes as the number in front of them says."""
        size = self._number(code)
        return self._data[self._skip(size) : self._at]

    def _line(self) -> str:
        start = self._at
        while self._data[self._skip(1)] != 0x0A:
            pass
        return self._data[start : self._at - 1].decode("utf-8")

    def _frame(self) -> None:
        """Pass over what says how to read the file, and is not needed."""
        size = self._number("<Q")
        self._at = self._skip(size)

    def _integer(self) -> None:
        """Read a number in decimal letters, which Python 2 wrote where 32 bits are too few."""
        line = self._line()
        if len(line) > _MAX_DIGITS:
            raise ValueError("a number that is too long")
        self._stack.append(int(line))

    def _protocol(self) -> None:
        if self._number("B") not in range(2, 6):
            raise ValueError("of a protocol that is not 2 to 5")

    def _refuse(self) -> None:
        code = chr(self._data[self.position])
        raise FormatError(
            self._path,
            f"byte {self.position}: asks for the instruction {code!r}, which no pickle of gensim's "
            "vectors needs: it is damaged, malicious, or of pickle protocol 0 or 1",
        )

    # -------------------------------------------------------------------------- the stack

    def _pop(self) -> Any:
        if self._marks and len(self._stack) <= self._marks[-1]:
            raise IndexError
        return self._stack.pop()

    def _marked(self) -> list[Any]:
        """Take all values above the last mark off the stack, and the mark."""
        start = self._marks.pop()
        values = self._stack[start:]
        del self._stack[start:]
        return values

    def _tuple(self, size: int) -> None:
        self._stack.append(tuple(reversed([self._pop() for _ in range(size)])))

    def _top(self, kind: type[Any]) -> Any:
        """Return the value on top of the stack, which must be of this kind."""
        top = self._stack[-1]
        if type(top) is not kind:
            raise TypeError(f"adds to something that is no {kind.__name__}")
        return top

    def _append(self) -> None:
        value = self._pop()
        self._top(list).append(value)

    def _extend(self) -> None:
        values = self._marked()
        self._top(list).extend(values)

    def _add_items(self) -> None:
        values = self._marked()
        self._top(set).update(plain(values))

    def _set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._top(dict).update(zip(plain([key]), [value], strict=True))

    def _set_items(self) -> None:
        values = self._marked()
        self._top(dict).update(zip(plain(values[::2]), values[1::2], strict=True))

    def _remember(self, number: int) -> None:
        self._memo[number] = self._stack[-1]

    # ------------------------------------------------------------- names, and what is done to them

    def _global(self) -> None:
        module = self._line()
        self._push_global(module, self._line())
        if self._data[self.position] != ord("c"):
            self._refuse()

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        if type(name) is not str or type(module) is not str:
            raise TypeError("a name that is no string")
        self._push_global(module, name)

    def _push_global(self, module: str, name: str) -> None:
        full = f"{module}.{name}"
        if full not in CONSTRUCTORS and not self._allowed(full):
            raise self._unwanted(full)
        self._stack.append(Global(full))

    def _unwanted(self, name: str) -> FormatError:
        return FormatError(
            self._path,
            f"byte {self.position}: asks for {name}, which is neither plain data nor one of "
            "gensim's vectors; if you trust the file, load it with gensim and save its vectors "
            "with wv.save_word2vec_format",
        )

    def _reduce(self) -> None:
        """Do what calling one of the few known constructors would do."""
        arguments, function = self._pop(), self._pop()
        if type(function) is not Global or type(arguments) is not tuple:
            raise TypeError("calls something that is no name")
        construct = CONSTRUCTORS.get(function.name)
        if construct is None:
            raise FormatError(
                self._path, f"byte {self.position}: calls {function.name}, which is refused"
            )
        self._charge(arguments)
        self._stack.append(construct(*arguments))

    def _charge(self, arguments: tuple[Any, ...]) -> None:
        """Count what is copied."""
        self._left -= sum(len(one) for one in arguments if type(one) in _SIZED)
        if self._left < 0:
            raise ValueError("it makes more of its data than there is")

    def _new_object(self) -> None:
        arguments, kind = self._pop(), self._pop()
        if type(kind) is not Global or arguments != () or kind.name in CONSTRUCTORS:
            raise TypeError("makes an object of something that is no class, or with arguments")
        self._stack.append(Record(kind.name))

    def _build(self) -> None:
        """Give the object on the stack its state."""
        state, target = self._pop(), self._stack[-1]
        if not isinstance(target, Record | Dtype | Unfilled):
            raise TypeError("gives a state to something that has none")
        self._charge(state if type(state) is tuple else (state,))
        target.set_state(state)
