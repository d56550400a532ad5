import Catalog
package import Core
package import Release

extension Hub {
    /// The accumulators of some releases, all or none. Those of releases that ended are passed over.
    package func saveAnalysis(_ items: [AnalysisSave]) async throws {
        guard !items.isEmpty else { return }
        let probe = probe
        try await control { tx in
            for item in items {
                guard let row = try tx.rows.releaseRow(item.release), !row.release.phase.isTerminal else { continue }
                try tx.saveAnalysis(item, of: row.id)
            }
            probe.reached(.analysisInTransaction)
        }
        probe.reached(.analysisCommitted)
    }

    /// As they were saved last, the sessions in it; nil where nothing was.
    package func loadAnalysis(_ id: ReleaseID) throws -> (analysis: Analysis, stopwatch: Stopwatch, at: Instant)? {
        try catalog.read { rows in
            guard let row = try rows.releaseRow(id) else { throw HubError.unknownRelease(id) }
            return try rows.analysis(of: row.id, withSessions: true)
        }
    }

    /// Each metric's numbers as they were saved last; none before the first request.
    package func analysis(of id: ReleaseID, for who: Principal) throws -> [MetricSummary] {
        try catalog.read { rows in
            let (row, _) = try rows.release(id, for: who, to: .read)
            return try rows.analysis(of: row.id, withSessions: false)?.analysis.summary(for: row.release) ?? []
        }
    }
}
