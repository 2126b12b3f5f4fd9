"""Reads every frame of a URL with PyAV, as an array in bgr24, and says how many there were."""
import json
import sys

import av

frames = 0
with av.open(sys.argv[1]) as container:
    container.streams.video[0].thread_type = "AUTO"
    for frame in container.decode(video=0):
        frame.to_ndarray(format="bgr24")
        frames += 1
print(json.dumps({"frames": frames}))
