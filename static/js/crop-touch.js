// Mouse, fingers, pen and keys on the frame of the cropper.
import { dragged, moved, scaled } from "./crop-box.js";

const STEP = 0.01;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ZOOMS = { "+": 1.05, "=": 1.05, "-": 1 / 1.05, "_": 1 / 1.05 };

const spread = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);

/** Let people move the frame. *state* tells `box()`, `ratio()`, `size` and `scale()`, and takes `place(box)`. */
export function attach(frame, state) {
  const fingers = new Map();
  let corner = "";
  let from = null;

  const begin = () => { from = { box: state.box(), fingers: [...fingers.values()].map((finger) => ({ ...finger })) }; };

  function follow() {
    const now = [...fingers.values()];
    const scale = state.scale();
    if (now.length === 2) {
      state.place(scaled(from.box, spread(now) / Math.max(spread(from.fingers), 1), state.ratio(), state.size));
      return;
    }
    const [dx, dy] = [(now[0].x - from.fingers[0].x) / scale, (now[0].y - from.fingers[0].y) / scale];
    if (!corner) return state.place(moved(from.box, dx, dy, state.size));
    const { x, y, w, h } = from.box;
    const point = { x: (corner.endsWith("e") ? x + w : x) + dx, y: (corner.startsWith("s") ? y + h : y) + dy };
    state.place(dragged(from.box, corner, point, state.ratio(), state.size));
  }

  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || fingers.size === 2) return;
    event.preventDefault();
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    if (!fingers.size) corner = event.target.dataset.corner ?? "";
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    begin();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    follow();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    frame.addEventListener(type, (event) => {
      if (fingers.delete(event.pointerId) && fingers.size) begin();
    });
  }

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEP * Math.max(state.size.w, state.size.h) * (event.shiftKey ? 5 : 1);
    const move = MOVES[event.key];
    const zoom = ZOOMS[event.key];
    if (!move && !zoom) return;
    event.preventDefault();
    const box = state.box();
    state.place(move ? moved(box, move[0] * step, move[1] * step, state.size) : scaled(box, zoom, state.ratio(), state.size));
  });
}
