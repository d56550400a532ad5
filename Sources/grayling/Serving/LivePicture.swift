import Glibc

/// Lines on a terminal that are drawn anew in place.
struct LivePicture {
    private var drawn = 0

    /// Columns of the terminal; 80 where it does not say.
    var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    mutating func draw(_ lines: [String]) {
        let columns = width
        // A line that wraps would be two, and the picture would creep down.
        let cut = lines.map { String(Terminal.plain($0).prefix(max(1, columns - 1))) }
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in cut { text += "\r\u{1B}[K\(line)\n" }
        // What the picture before had more of.
        text += "\u{1B}[J"
        Terminal.write(text, to: STDOUT_FILENO)
        drawn = cut.count
    }
}
