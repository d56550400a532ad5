import Catalog
import Core
import Hashing
import Release

extension Hub {
    /// What must always hold of endpoints and releases, and does not.
    func servingProblems() throws -> [String] {
        try catalog.read { rows in
            var problems: [String] = []
            for endpoint in try rows.liveEndpointRows() {
                guard let release = endpoint.stableRelease else { continue }
                if try !rows.isHeld(release: release) { problems.append("the lock of what \(endpoint.spec.name) serves is not protected") }
            }
            var before = Int64.max
            while true {
                let page = try rows.releaseRows(of: nil, phase: nil, before: before, limit: 100)
                guard let last = page.last else { return problems }
                for row in page {
                    let id = row.release.spec.id
                    if let broken = try rows.firstBrokenEvent(ofRelease: row.id, sha256: { Digest(of: $0) }) {
                        problems.append("the events of \(id) are broken at event \(broken): it, or one before it, was altered")
                    } else if try rows.replayed(row: row.id) != row.release {
                        problems.append("the events of \(id) do not lead to where it stands")
                    }
                }
                before = last.id
            }
        }
    }
}
