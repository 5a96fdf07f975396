"""%reccompress: a smaller model of a trained one."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.interrupt import clean_stop
from recmagic.magics.line import LineParser, number, positive, whole
from recmagic.magics.names import assigned, bind, check_name, find_current_model, find_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "reccompress",
    "Make a smaller model of a trained one: NEW = NAME --int8. Its card has size, time and metrics beside those of the "
    "original. Several options are done in the order --distill, --low-rank, --hash, --prune, --pq, --int8 or --int4.",
    "In Python: NEW = NAME.compress(prune=0.5, structured=True, quantize='int4', epochs=5)",
)
PARSER.add_argument("name", metavar="NEW", help="the smaller model's name in this notebook")
PARSER.add_argument("model", metavar="= NAME", nargs="+", help="the trained model")
BITS = PARSER.add_mutually_exclusive_group()
BITS.add_argument("--int8", action="store_true", help="weights of 8 bits")
BITS.add_argument("--int4", action="store_true", help="weights of 4 bits")
PARSER.add_argument("--prune", type=number, metavar="SHARE", help="set this share of the weights to zero")
PARSER.add_argument("--structured", action="store_true", help="take whole dimensions and units away instead")
PARSER.add_argument("--low-rank", type=positive, metavar="R", help="tables of rank R")
PARSER.add_argument("--hash", type=positive, metavar="N", help="tables of more rows as two small ones, trained anew")
PARSER.add_argument("--pq", type=positive, metavar="M", help="vectors in M parts, each one byte (product quantisation)")
PARSER.add_argument("--distill", metavar="CELL", help="teach this smaller model of the same data, trained anew")
PARSER.add_argument("--epochs", type=whole, metavar="N", help="how long it trains (default 20 anew, 5 to go on)")


def reccompress(notebook: Notebook, arguments: Namespace) -> Any:
    """Bind the smaller model and return its card."""
    name, rest = assigned([arguments.name, *arguments.model])
    if not rest or " " in rest:
        raise MagicError("%reccompress makes one model of another.", "Write %reccompress small = NAME --int8.")
    check_name(name)
    model = find_current_model(notebook, rest)
    student = find_model(notebook, arguments.distill) if arguments.distill else None
    quantize = "int8" if arguments.int8 else "int4" if arguments.int4 else None
    with clean_stop() as stop, notebook.live("training", stop) as listen:
        made = model.compress(quantize=quantize, prune=arguments.prune, structured=arguments.structured,
                              low_rank=arguments.low_rank, hash=arguments.hash, pq=arguments.pq,
                              distill=student, epochs=arguments.epochs, name=name, listen=listen, stop=stop)
    bind(notebook, name, made)
    return made.card
