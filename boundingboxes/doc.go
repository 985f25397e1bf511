// Package boundingboxes has Keras's helpers around bounding boxes (keras.utils.bounding_boxes): formats, clipping, overlaps, and boxes as distances from
// anchors.
//
//	relative, err := boundingboxes.ConvertFormat(boxes, boundingboxes.XYXY, boundingboxes.RelXYXY, boundingboxes.Size{Height: 480, Width: 640})
//
// Boxes are arrays of numbers whose last axis has four, (boxes, 4) or (batch, boxes, 4): tensors, or Go slices or arrays of any depth. What is returned is float32.
package boundingboxes
