import Core
import Glibc

/// Which ranges of a download are on disk: a text file beside it, a line per finished range, so
/// that a pull that was cut goes on instead of beginning again. It never says too much except
/// after a power cut, and then the digest finds out.
struct RangeLedger: Sendable {
    private let file: OpenFile
    let plan: PartPlan
    /// As it was when the ledger was opened.
    let finished: Set<Int>

    /// Opens the ledger of a download, or begins one; one of another shape is begun anew.
    init(_ name: String, in folder: OpenFile, plan: PartPlan) throws(HubError) {
        file = try folder.createFile(name, flags: O_RDWR | O_CREAT | O_APPEND)
        self.plan = plan
        let header = "grayling ranges 1 \(plan.size) \(plan.partSize)\n"
        let text = String(decoding: try file.readAll(limit: 16 << 20), as: UTF8.self)
        if text.hasPrefix(header) {
            // A last line without its end was cut while it was written.
            let lines = text.dropFirst(header.count).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            finished = Set(lines.compactMap { Int($0) }.filter { $0 >= 0 && $0 < plan.count })
        } else {
            guard ftruncate(file.descriptor, 0) == 0 else { throw SystemFailure.last("cannot write", file.location) }
            finished = []
            try file.append(header)
        }
    }

    /// Notes that all bytes of a range are written. Several tasks may note at once.
    func note(_ number: Int) throws(HubError) {
        // The newline in front ends a line that an earlier run left unfinished.
        try file.append("\n\(number)\n")
    }
}

extension OpenFile {
    /// One write behind the end of a file opened to append.
    func append(_ text: String) throws(HubError) {
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemFailure.last("cannot write", location) }
    }
}
