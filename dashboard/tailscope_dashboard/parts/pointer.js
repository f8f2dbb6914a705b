// Where the pointer is, in an element's own pixels: meeting mode zooms the page's CSS.

export function zoomOf(element) {
  return element.currentCSSZoom ?? 1;
}

export function pointIn(event, element) {
  const frame = element.getBoundingClientRect();
  const zoom = zoomOf(element);
  return { x: (event.clientX - frame.left) / zoom, y: (event.clientY - frame.top) / zoom };
}

// Client coordinates of a point of an element: the inverse.
export function clientOf({ x, y }, element) {
  const frame = element.getBoundingClientRect();
  const zoom = zoomOf(element);
  return { x: frame.left + x * zoom, y: frame.top + y * zoom };
}
