#!/bin/sh
# Cargo calls this for the packages of this workspace, and for nothing they depend on.
exec "$@" --cfg planted
