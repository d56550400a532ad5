/// Counts the events of an SSE stream as its bytes pass by: an empty line ends one.
struct EventCounter {
    private(set) var count = 0
    /// No byte since the last end of an event.
    private(set) var isBetweenEvents = true
    private var endsLine = false

    mutating func scan(_ bytes: Bytes) {
        for byte in bytes {
            if byte == 0x0A {
                if endsLine, !isBetweenEvents {
                    count += 1
                    isBetweenEvents = true
                }
                endsLine = true
            } else if byte != 0x0D {
                endsLine = false
                isBetweenEvents = false
            }
        }
    }
}
