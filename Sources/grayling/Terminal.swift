import API
import Core
import Foundation
import Glibc

/// What a person sees: results on standard output, all else on standard error.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    static func line(_ text: String) { write(plain(text, keepsLines: true) + "\n", to: STDOUT_FILENO) }
    static func note(_ text: String) { write(plain(text, keepsLines: true) + "\n", to: STDERR_FILENO) }

    /// JSON as the server sent it, with a line end.
    static func json(_ bytes: [UInt8]) {
        write(bytes + (bytes.last == 0x0A ? [] : [0x0A]), to: STDOUT_FILENO)
    }

    static func json(_ value: some Encodable) throws { json([UInt8](try JSON.encode(value))) }

    static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0 {
                if errno == EINTR { continue }
                // Nobody reads any more: there is nobody left to tell.
                end(1)
            }
            done += count
        }
    }

    /// Says what went wrong and ends the process with status 1.
    static func fail(_ error: HubError, json wantsJSON: Bool) -> Never {
        if wantsJSON {
            let body = Failure(error: .init(code: error.code.rawValue, message: error.message))
            if let bytes = try? JSON.encode(body) { json([UInt8](bytes)) }
        }
        note("grayling: \(plain(error.message))")
        end(1)
    }

    /// Ends the process without the C library's clean-up: threads of the client may still be
    /// leaving libcurl and libcrypto, and nothing of ours waits in a buffer.
    static func end(_ status: Int32) -> Never { _exit(status) }

    private struct Failure: Encodable {
        struct Reason: Encodable {
            let code: String
            let message: String
        }
        let error: Reason
    }

    /// Text from elsewhere cannot move the cursor: control characters are shown, not sent.
    static func plain(_ text: String, keepsLines: Bool = false) -> String {
        func moves(_ scalar: Unicode.Scalar) -> Bool {
            (scalar.value < 0x20 && !(keepsLines && scalar == "\n")) || (0x7F...0x9F).contains(scalar.value)
        }
        guard text.unicodeScalars.contains(where: moves) else { return text }
        return text.unicodeScalars.map { moves($0) ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }

    /// Columns two spaces apart; the last is not padded.
    static func table(_ rows: [[String]]) {
        guard let columns = rows.map(\.count).max() else { return }
        let rows = rows.map { $0.map { plain($0) } }
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        var text = ""
        for row in rows {
            for (i, cell) in row.enumerated() {
                text += cell
                if i < row.count - 1 { text += String(repeating: " ", count: widths[i] - cell.count + 2) }
            }
            text += "\n"
        }
        write(text, to: STDOUT_FILENO)
    }

    /// Such as `1.2 KB`: powers of 1000, as disks are sold.
    static func size(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var tenths = bytes / 100
        for unit in ["KB", "MB", "GB", "TB"] {
            if tenths < 10_000 || unit == "TB" { return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(tenths / 10) \(unit)" }
            tenths /= 1000
        }
        return "\(bytes) B"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
