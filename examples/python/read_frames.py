"""Reads the frames that kvs-frames writes with --framed, each with its record.

    kvs-frames pull --stream-name front-door --format raw --out - --framed | python3 read_frames.py
"""
import json
import sys

import numpy as np


def read_frames(stream):
    """Yields (record, frame): an array of height x width x 3 for bgr24 and rgb24, or of what the format has."""
    for line in iter(stream.readline, b""):
        record = json.loads(line)
        if record["type"] != "frame":  # a gap, a session, the summary: nothing follows it
            continue
        data = np.frombuffer(stream.read(record["bytes"]), np.uint8)
        width, height, pixels = record["width"], record["height"], record.get("pixelFormat")
        shapes = {"bgr24": (height, width, 3), "rgb24": (height, width, 3), "gray8": (height, width)}
        yield record, data.reshape(shapes.get(pixels, -1))


if __name__ == "__main__":
    for record, frame in read_frames(sys.stdin.buffer):
        print(record["capturedAt"], frame.shape, f"{frame.mean():.1f}", flush=True)
