// What fingers, mouse and wheel do to a picture: pan, pinch, double tap, swipe. Points are [x, y] of the element.

const DOUBLE_TAP_MS = 350;
const DOUBLE_TAP_PX = 30;
// Less is a tap of a hand that trembles.
const TAP_PX = 8;
const SWIPE_PX = 50;
const LINE_PX = 16;

const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);
const middle = ([ax, ay], [bx, by]) => [(ax + bx) / 2, (ay + by) / 2];

// Calls `pan(dx, dy)`, `zoom(factor, point)`, `doubleTap(point)`, and `swipe(direction)`, -1 or 1, as a finger that moved
// sideways is lifted.
export function takeGestures(element, { pan, zoom, doubleTap, swipe }) {
  const pointers = new Map();
  let began = null;
  let tapped = null;

  const pointOf = ({ clientX, clientY }) => {
    const { left, top } = element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    began = { point: pointOf(event), alone: pointers.size === 1 };
  });

  element.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (other) {
      const [from, to] = [middle(before, other), middle(now, other)];
      zoom(distance(now, other) / (distance(before, other) || 1), from);
      pan(to[0] - from[0], to[1] - from[1]);
    } else {
      pan(now[0] - before[0], now[1] - before[1]);
    }
  });

  element.addEventListener("pointerup", (event) => {
    if (!pointers.delete(event.pointerId) || !began?.alone) return;
    const point = pointOf(event);
    const [x, y] = [point[0] - began.point[0], point[1] - began.point[1]];
    if (Math.hypot(x, y) > TAP_PX) {
      tapped = null;
      if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) swipe(x < 0 ? 1 : -1);
    } else if (tapped && event.timeStamp - tapped.at < DOUBLE_TAP_MS && distance(point, tapped.point) < DOUBLE_TAP_PX) {
      tapped = null;
      doubleTap(point);
    } else {
      tapped = { point, at: event.timeStamp };
    }
  });
  element.addEventListener("pointercancel", ({ pointerId }) => pointers.delete(pointerId));

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode ? LINE_PX : 1);
    // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
    zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), pointOf(event));
  }, { passive: false });
}
