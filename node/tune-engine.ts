import { setFlagsFromString } from 'node:v8'

/** The first release of V8 (in Node 22) with Maglev, which compiles well what is not called very often */
const firstWithMaglev = 12
/** After it a start and what waited for it are over, which compiling more would make longer. */
const startedMs = 10_000

/**
 * For a process that is all the twin's, which runs always and on somebody's own machine. To be called before anything of it is loaded:
 * V8 uses kept code only under the settings under which it was compiled.
 *
 * - V8 lets a heap grow to four times what lives in it before it collects; with twice that, a burst of writes takes a twentieth more
 *   time, and no other bench.
 * - Of which places in the code objects live long it judges by the first hundred that it finds after a collection, for good. Calls in
 *   flight are as many, and all alive at that moment: in four of ten processes such objects were then made in the old space, where
 *   what they hold stays with them, twice as much was copied, and writes took a fifth more time.
 */
export function tuneHeap(): void {
  setFlagsFromString('--heap-growing-percent=100')
  setFlagsFromString('--no-allocation-site-pretenuring')
}

/**
 * Without Maglev V8 interprets for hours what is called now and then: with an eighth of its budget a lone write takes 0.6 of the time
 * after some hundred. To be called once the twin runs and its code was kept.
 */
export function compileSooner(): void {
  if (Number.parseInt(process.versions.v8, 10) >= firstWithMaglev) return
  setTimeout(() => setFlagsFromString('--interrupt-budget=8192'), startedMs).unref()
}
