"""The last step of a workbook: the same content always gives the same bytes, and says nothing of when or where."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

FIXED_TIME = "2000-01-01T00:00:00Z"
"""Stands for both times in the document's properties; a report carries no date of its making."""

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:\2>)")
_CORE = "docProps/core.xml"


def save(workbook: Workbook, target: Path) -> None:
    """Write the workbook with constant times inside and no trace of the machine.

    Raises:
        OSError: if the target cannot be written.
    """
    rough = BytesIO()
    workbook.save(rough)
    with ZipFile(rough) as source, ZipFile(target, "w", ZIP_DEFLATED) as clean:
        for name in source.namelist():
            content = source.read(name)
            if name == _CORE:
                content = _TIMES.sub(rb"\g<1>" + FIXED_TIME.encode() + rb"\g<3>", content)
            entry = ZipInfo(name, date_time=_ZIP_EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0
            clean.writestr(entry, content)
