import { setFlagsFromString } from 'node:v8'

/**
 * For a process that is all the twin's, which runs always and on somebody's own machine. V8 lets a heap grow to four times what lives
 * in it before it collects; with twice that, no bench is slower.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100')
}
