import Core
import Logging
import NIOCore

/// One line of the access log. It shows the path and never the query, which may carry
/// signatures; nor any header.
struct AccessLine {
    let method: String
    let uri: String
    let status: Int
    let bytes: Int64
    let time: TimeAmount
    let user: String
    let id: String

    func log(to logger: Logger, at level: Logger.Level = .info) {
        // Tenths of a millisecond.
        let tenths = time.nanoseconds / 100_000
        logger.log(
            level: level, "\(method) \(Self.path(uri)) \(status) \(bytes) \(tenths / 10).\(tenths % 10)ms \(user) \(id)")
    }

    static func path(_ uri: String) -> String { FilePath.printable(uri.prefix { $0 != "?" && $0 != "#" }) }
}
