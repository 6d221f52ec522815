// Two short tones for a critical alert, one for a high one. Browsers keep a page silent until it was clicked once; the state
// says so, so that nobody relies on a sound that cannot ring.

import type { Severity } from '../live/frames';

export type SoundState = 'on' | 'off' | 'blocked';

const TONES: Partial<Record<Severity, number[]>> = { critical: [880, 1175], high: [660] };
const AT_MOST_EVERY_MS = 2_000;

export class AlertSound {
  private context: AudioContext | null = null;
  private rangAt = Number.NEGATIVE_INFINITY;

  constructor(private wanted: boolean) {}

  get state(): SoundState {
    if (!this.wanted) return 'off';
    return this.context?.state === 'running' ? 'on' : 'blocked';
  }

  /** Called on any click or key of the operator: only then may a page make sound. */
  async unlock(): Promise<void> {
    if (!this.wanted) return;
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') await this.context.resume();
  }

  async want(wanted: boolean): Promise<void> {
    this.wanted = wanted;
    await this.unlock();
  }

  ring(severity: Severity, now: number): void {
    const tones = TONES[severity];
    const context = this.context;
    if (!this.wanted || tones === undefined || context === null || context.state !== 'running' || now - this.rangAt < AT_MOST_EVERY_MS) return;
    this.rangAt = now;
    tones.forEach((pitch, index) => playTone(context, pitch, context.currentTime + index * 0.22));
  }
}

function playTone(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const loudness = context.createGain();
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.2, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.22);
}
