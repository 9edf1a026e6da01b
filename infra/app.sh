#!/bin/sh
# What cdk.json runs, whoever calls the CDK's command line and however that was installed.
if [ ! -e .venv/.offhook-infra ]; then
  echo "The libraries of the stack are not installed here. Run: make setup" >&2
  exit 1
fi
exec .venv/bin/python -m infra.app
