// Meeting mode, for a projector: large letters over the whole window, the active selection and what it looks like, and
// no controls but the handles. Arrow keys go through the selections.

export class Meeting {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isOn = false;
  }

  toggle(on = !this.isOn) {
    if (on === this.isOn) return;
    this.isOn = on;
    const { root, app } = this;
    root.classList.toggle("ts-meeting", on);
    // In front of everything else on the page, wherever in it the wall lies.
    root.popover = on ? "manual" : null;
    if (on) root.showPopover();
    root.focus();
    app.views.fit();
    app.views.changed("structure");
    app.schedule();
  }
}
