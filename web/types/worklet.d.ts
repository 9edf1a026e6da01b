/** What a worklet's modules have around them, which is not in the types of pages. */
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new (...options: any[]) => AudioWorkletProcessor): void;
