// Swiping with one finger while nothing is zoomed: sideways to the next picture, down to close.

const FAR_ENOUGH = 56;

/** Call what *go* has for `left`, `right` and `down` when *stage* is swiped; *picture* follows the finger. */
export function swipes(stage, picture, go) {
  let start = null;
  const isZoomed = () => (window.visualViewport?.scale ?? 1) > 1.01 || stage.scrollWidth > stage.clientWidth + 1;
  const way = ({ clientX, clientY }) => [clientX - start.clientX, clientY - start.clientY];
  const rest = () => { start = null; picture.style.translate = ""; };

  stage.addEventListener("touchstart", ({ touches }) => {
    start = touches.length === 1 && !isZoomed() ? touches[0] : null;
    if (!start) rest();
  }, { passive: true });

  stage.addEventListener("touchmove", (event) => {
    if (!start) return;
    event.preventDefault();
    const [x, y] = way(event.touches[0]);
    picture.style.translate = Math.abs(x) > Math.abs(y) ? `${x}px` : `0 ${Math.max(y, 0)}px`;
  }, { passive: false });

  stage.addEventListener("touchend", ({ changedTouches }) => {
    if (!start) return;
    const [x, y] = way(changedTouches[0]);
    rest();
    if (Math.abs(x) > FAR_ENOUGH && Math.abs(x) > Math.abs(y)) (x < 0 ? go.left : go.right)();
    else if (y > FAR_ENOUGH * 2) go.down();
  });
  stage.addEventListener("touchcancel", rest);
}
