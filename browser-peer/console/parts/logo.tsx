/** Two circles that are one: the mark of the project. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="20" cy="18" r="10" fill="#2f8f79" />
      <circle cx="12.5" cy="14.5" r="10.5" fill="#7fe0c4" />
      <path d="M12.6 25a10.5 10.5 0 0 0 9.2-14.9 10 10 0 0 0-9.2 14.9z" fill="#0d6b58" />
    </svg>
  )
}
