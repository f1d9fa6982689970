/** An early evening, so that screenshots of today and of next year differ by what was changed alone. */
export const sceneNow = new Date(2026, 10, 26, 18, 42).getTime()

export function fixTime(): void {
  const real = Date.now.bind(Date)
  const offset = sceneNow - real()
  Date.now = () => real() + offset
}

/** The fixtures of the specs run in Node, which has this. */
export function immediate(): void {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  const setImmediate = (run: () => void) => {
    waiting.push(run)
    port2.postMessage(undefined)
  }
  Object.assign(globalThis, { setImmediate })
}
