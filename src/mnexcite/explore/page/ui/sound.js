// Each spike a click, as on the loudspeaker of an electromyograph.
(function (page) {
  "use strict";
  let audio = null, click = null;

  function on(wanted) {
    if (wanted && !audio) {
      const Kind = window.AudioContext || window.webkitAudioContext;
      if (!Kind) return false;
      audio = new Kind();
      click = audio.createBuffer(1, Math.round(audio.sampleRate * 0.006), audio.sampleRate);
      const samples = click.getChannelData(0);
      for (let i = 0; i < samples.length; i++) samples[i] = 0.5 * Math.exp(-i / samples.length * 5) * Math.sin(i / samples.length * 25);
    }
    if (audio) wanted ? audio.resume() : audio.suspend();
    return wanted;
  }

  // Plays spikes at their times within a span that begins now.
  function play(spikes, begins, speed) {
    if (audio?.state !== "running") return;
    for (const spike of spikes) {
      const source = audio.createBufferSource();
      source.buffer = click;
      source.connect(audio.destination);
      source.start(audio.currentTime + Math.max(0, spike - begins) / 1000 / speed);
    }
  }

  page.sound = { on, play };
})(window.mnexcite);
