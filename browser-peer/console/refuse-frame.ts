/**
 * Ends what called it in a page within a page: the outer one could lay its own picture over the buttons of this one. Servers that
 * send headers keep it from that already. @throws {Error}
 */
export function refuseFrame(): void {
  if (self === top) return
  const sentence = 'The console of a twin opens in a window of its own, and not inside of another page.'
  const root = document.getElementById('root')
  if (root !== null) root.textContent = sentence
  throw new Error(sentence)
}
