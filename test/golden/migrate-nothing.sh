#!/bin/sh
# From reflector to kubed-sync. Nothing was written. Read this, then run it
# step by step.
set -eu

# 1. No source of reflector here can be turned. Leave reflector as it is.
