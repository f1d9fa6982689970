/** Runs functions when the current task is over, sooner than a timer would, and in a tab that nobody sees as well. */
export function macrotask(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return run => {
    waiting.push(run)
    port2.postMessage(undefined)
  }
}
