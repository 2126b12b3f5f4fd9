"""Reads every frame of a URL with OpenCV, and says how many there were."""
import json
import sys

import cv2

capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
frames = 0
while capture.read()[0]:
    frames += 1
print(json.dumps({"frames": frames}))
