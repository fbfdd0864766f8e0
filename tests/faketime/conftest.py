import pathlib
import sys

# What the system tests share.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
