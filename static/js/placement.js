// Where a picture is in its view: the whole of it at first, then zoomed around a point and panned. All in pixels of the view.

// Times the whole picture.
export const MOST_SCALE = 4;

const between = (low, value, high) => Math.max(low, Math.min(value, high));

export class Placement {
  scale = 1;
  left = 0;
  top = 0;
  #view = { width: 0, height: 0 };
  // The whole picture, as large as the view allows and in its middle.
  #whole = { left: 0, top: 0, width: 0, height: 0 };

  get width() {
    return this.#whole.width * this.scale;
  }

  get height() {
    return this.#whole.height * this.scale;
  }

  get whole() {
    return this.#whole;
  }

  // Takes the sizes of the view and of the picture. What was in the middle stays there.
  resize(view, picture) {
    const [x, y] = [this.#fraction("left", "width"), this.#fraction("top", "height")];
    const scale = Math.min(view.width / picture.width, view.height / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    this.#view = view;
    this.#whole = { width, height, left: (view.width - width) / 2, top: (view.height - height) / 2 };
    this.left = this.#cover(view.width / 2 - x * this.width, "left", "width");
    this.top = this.#cover(view.height / 2 - y * this.height, "top", "height");
  }

  reset() {
    this.scale = 1;
    ({ left: this.left, top: this.top } = this.#whole);
  }

  // Zooms around a point of the view, which keeps what is at it: the picture always covers the place of the whole one.
  zoomTo(scale, x = this.#view.width / 2, y = this.#view.height / 2) {
    const next = between(1, scale, MOST_SCALE);
    const around = (axis, at, size) => {
      const point = between(this[axis], at, this[axis] + this[size]);
      return this.#cover(point - ((point - this[axis]) * next) / this.scale, axis, size, next);
    };
    [this.left, this.top] = [around("left", x, "width"), around("top", y, "height")];
    this.scale = next;
  }

  // Moves the picture until its edge is at the view's.
  panBy(x, y) {
    const { width, height } = this.#view;
    this.left = this.#pan(this.left, x, this.width, width);
    this.top = this.#pan(this.top, y, this.height, height);
  }

  #fraction(axis, size) {
    return this[size] ? (this.#view[size] / 2 - this[axis]) / this[size] : 0.5;
  }

  // Returns the nearest place at which the picture covers that of the whole one.
  #cover(at, axis, size, scale = this.scale) {
    return between(this.#whole[axis] + this.#whole[size] * (1 - scale), at, this.#whole[axis]);
  }

  #stop(at, size, room) {
    return size > room ? between(room - size, at, 0) : (room - size) / 2;
  }

  // A zoom may have left an edge within the view: it can be moved towards the view's edge, and no further away.
  #pan(at, by, size, room) {
    const [low, high] = [this.#stop(-Infinity, size, room), this.#stop(Infinity, size, room)];
    return between(Math.min(low, at), at + by, Math.max(high, at));
  }
}
