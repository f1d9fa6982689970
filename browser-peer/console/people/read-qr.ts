/** Looks for a QR code in a picture. */
export type ReadQr = (video: HTMLVideoElement) => Promise<string | undefined>

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
type DetectorMaker = new (init: { formats: string[] }) => Detector

/** The browser's own detector where there is one, else a decoder that is loaded when it is needed. */
export async function makeQrReader(): Promise<ReadQr> {
  const Native = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector
  if (Native !== undefined) {
    const detector = new Native({ formats: ['qr_code'] })
    return async video => (await detector.detect(video))[0]?.rawValue
  }
  const { default: module } = await import('jsqr')
  // CommonJS with its function under `default`
  const decode = (module as unknown as { default?: typeof module }).default ?? module
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async video => {
    const { videoWidth: width, videoHeight: height } = video
    if (context === null || width === 0) return undefined
    canvas.width = width
    canvas.height = height
    context.drawImage(video, 0, 0)
    const { data } = context.getImageData(0, 0, width, height)
    return (decode as unknown as (data: Uint8ClampedArray, w: number, h: number) => { data: string } | null)(
      data,
      width,
      height
    )?.data
  }
}
