// Where a frame may be on a photo. Boxes are {x, y, w, h} and sizes {w, h}, all in pixels of the photo.

export const LEAST = 64;

// Where both cannot be, a frame rather stays on a narrow photo than keeps its least side.
const clamp = (value, least, most) => Math.max(Math.min(Math.max(value, least), most), 0);
const least = (size) => Math.min(LEAST, size.w, size.h);

function inside({ x, y, w, h }, size) {
  return { x: clamp(x, 0, size.w - w), y: clamp(y, 0, size.h - h), w, h };
}

/** *box* moved by so many pixels. */
export function moved(box, dx, dy, size) {
  return inside({ ...box, x: box.x + dx, y: box.y + dy }, size);
}

/** *box* brought to a shape (width divided by height; 0 is any), about its middle. */
export function shaped(box, ratio, size) {
  if (!ratio) return box;
  const side = Math.sqrt(box.w * box.h / ratio);
  return scaled({ ...box, x: box.x + (box.w - side * ratio) / 2, y: box.y + (box.h - side) / 2, w: side * ratio, h: side }, 1, ratio, size);
}

/** *box* made larger or smaller about its middle. */
export function scaled(box, factor, ratio, size) {
  const shape = ratio || box.w / box.h;
  const w = clamp(box.w * factor, least(size) * Math.max(1, shape), Math.min(size.w, size.h * shape));
  const h = w / shape;
  return inside({ x: box.x + (box.w - w) / 2, y: box.y + (box.h - h) / 2, w, h }, size);
}

/** *box* with one of its corners (nw, ne, sw, se) at a point; the opposite corner stays. */
export function dragged(box, corner, point, ratio, size) {
  const east = corner.endsWith("e");
  const south = corner.startsWith("s");
  const fixed = { x: east ? box.x : box.x + box.w, y: south ? box.y : box.y + box.h };
  const room = { w: east ? size.w - fixed.x : fixed.x, h: south ? size.h - fixed.y : fixed.y };
  let w = clamp((point.x - fixed.x) * (east ? 1 : -1), least(size), room.w);
  let h = clamp((point.y - fixed.y) * (south ? 1 : -1), least(size), room.h);
  if (ratio) {
    w = clamp(Math.max(w, h * ratio), least(size) * Math.max(1, ratio), Math.min(room.w, room.h * ratio));
    h = w / ratio;
  }
  return { x: east ? fixed.x : fixed.x - w, y: south ? fixed.y : fixed.y - h, w, h };
}

/** How large a part of [width, height] is sent: one that has few pixels is cut out of the original, which has more (jobs/photos/crop.py). */
export function sentSize([w, h], { trained, gain, short, long }) {
  if (Math.min(w, h) >= trained) return [w, h];
  const times = Math.max(1, Math.min(gain, short / Math.min(w, h), long / Math.max(w, h)));
  return [Math.round(w * times), Math.round(h * times)];
}
