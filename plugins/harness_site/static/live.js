// A page of something that goes on is asked for again, and what changed is put in its place; scripts in it never run.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const wait = () => {
    const live = document.getElementById("live");
    if (live?.dataset.live) setTimeout(look, Number(live.dataset.live));
  };

  async function look() {
    const live = document.getElementById("live");
    if (!document.hidden && !live.contains(document.activeElement) && !String(getSelection())) {
      try {
        const answer = await fetch(location.href);
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
        if (answer.ok && fresh) live.replaceWith(document.adoptNode(fresh));
      } catch { /* the server has ended: what was seen stays */ }
    }
    wait();
  }

  wait();
});
