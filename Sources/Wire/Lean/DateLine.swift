import Core
import Glibc
import NIOCore
import NIOPosix

/// The `Date` field (RFC 9110, section 6.6.1), written once a second on each event loop.
final class DateLine {
    private var second: Int64 = -1
    private var bytes = ByteBuffer()

    // Each thread sees only its own.
    private nonisolated(unsafe) static let perThread = ThreadSpecificVariable<DateLine>()

    /// `Date: …` with its line end. Call it on the thread that will use it.
    static func current() -> ByteBuffer {
        if let line = perThread.currentValue { return line.fresh() }
        let line = DateLine()
        perThread.currentValue = line
        return line.fresh()
    }

    private func fresh() -> ByteBuffer {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        let seconds = Int64(now.tv_sec)
        if seconds != second {
            second = seconds
            bytes.clear()
            bytes.writeString("Date: \(Self.format(Instant(milliseconds: seconds * 1000)))\r\n")
        }
        return bytes
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`; of moments from 1970 on.
    static func format(_ instant: Instant) -> String {
        let text = Array(instant.description.utf8)  // 1994-11-06T08:49:37.000Z
        func cut(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let month = Int(text[5] - 0x30) * 10 + Int(text[6] - 0x30)
        // 1 January 1970 was a Thursday.
        let day = days[Int(instant.seconds / 86_400 % 7)]
        return "\(day), \(cut(8..<10)) \(months[month - 1]) \(cut(0..<4)) \(cut(11..<19)) GMT"
    }
}
