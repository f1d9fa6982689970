/** A picture to send: hills at dusk, drawn here so that no photograph has to be licensed. */
export async function drawCabin(): Promise<Blob> {
  const canvas = new OffscreenCanvas(880, 520)
  const paint = canvas.getContext('2d')!
  const sky = paint.createLinearGradient(0, 0, 0, 520)
  sky.addColorStop(0, '#26385e')
  sky.addColorStop(0.5, '#c9716b')
  sky.addColorStop(0.72, '#f3c98b')
  paint.fillStyle = sky
  paint.fillRect(0, 0, 880, 520)
  paint.fillStyle = '#ffe9b8'
  paint.beginPath()
  paint.arc(620, 330, 38, 0, 7)
  paint.fill()
  const hills = [
    ['#6d5a78', 340, 46, 0.011],
    ['#4a4a6b', 380, 34, 0.017],
    ['#27375a', 430, 26, 0.013]
  ] as const
  for (const [colour, height, swing, pace] of hills) {
    paint.fillStyle = colour
    paint.beginPath()
    paint.moveTo(0, 520)
    for (let x = 0; x <= 880; x += 8)
      paint.lineTo(x, height - swing * Math.sin(x * pace + height) - swing * 0.4 * Math.sin(x * pace * 2.7))
    paint.lineTo(880, 520)
    paint.fill()
  }
  paint.fillStyle = '#141d33'
  paint.fillRect(150, 388, 120, 74)
  paint.beginPath()
  paint.moveTo(136, 392)
  paint.lineTo(210, 338)
  paint.lineTo(284, 392)
  paint.fill()
  paint.fillStyle = '#ffcf70'
  paint.fillRect(172, 412, 24, 24)
  paint.fillRect(220, 412, 24, 24)
  return canvas.convertToBlob({ type: 'image/png' })
}
