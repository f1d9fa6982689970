import { useEffect, useRef, useState } from 'preact/hooks'
import { asError } from '../hooks/use-load.ts'
import { Button } from '../parts/button.tsx'
import { Notice } from '../parts/notice.tsx'
import { makeQrReader } from './read-qr.ts'

const everyMs = 180

/** The camera, until a code was found. What was read is only put into the box: nothing happens by itself. */
export function Scanner({ onFound, onClose }: { onFound: (text: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null)
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isOver = false
    let stream: MediaStream | undefined
    const run = async () => {
      if (navigator.mediaDevices === undefined) throw new Error('This page may not use the camera here')
      const read = await makeQrReader()
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (isOver || video.current === null) return
      video.current.srcObject = stream
      await video.current.play()
      while (!isOver) {
        const text = video.current === null ? undefined : await read(video.current).catch(() => undefined)
        if (text !== undefined && text !== '') return onFound(text)
        await new Promise(resolve => setTimeout(resolve, everyMs))
      }
    }
    run()
      .catch(error => setProblem(asError(error).message))
      .finally(() => isOver && stop())
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    return () => {
      isOver = true
      stop()
    }
  }, [])
  return (
    <div class="stack">
      {problem === undefined ? (
        <div class="scanner">
          <video ref={video} muted playsInline aria-label="What the camera sees" />
        </div>
      ) : (
        <Notice kind="warn">
          <strong>The camera cannot be used</strong>
          <p>{problem}. Paste the link instead.</p>
        </Notice>
      )}
      <footer class="dialog-foot">
        <Button onClick={onClose}>Paste a link instead</Button>
      </footer>
    </div>
  )
}
