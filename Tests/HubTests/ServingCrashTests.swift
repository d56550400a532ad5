import Blobs
import Core
import Foundation
import Hub
import Release
import TestKit
import Testing

@Suite("releases and crashes")
struct ServingCrashTests {
    static let steps: Set<Checkpoint> = [
        .applyInTransaction, .applyCommitted, .orderInTransaction, .orderCommitted, .advanceInTransaction, .advanceCommitted,
        .analysisInTransaction, .analysisCommitted
    ]

    /// Everything of a release that must agree.
    private func check(_ serving: Serving, _ note: String) async throws {
        let outcome = try await serving.test.verify()
        #expect(outcome.isWhole, "\(note): \(outcome.problems)")
        for facts in try serving.hub.releases(of: nil, phase: nil, before: .max, limit: 100, for: serving.test.admin).map(\.facts) {
            #expect(try serving.hub.replay(facts.id) == facts.release, "\(note)")
            #expect(facts.isProtected || facts.phase.isTerminal, "\(note): \(facts.id) is \(facts.phase.rawValue) without protection")
        }
        #expect(try serving.hub.activeReleases().filter { $0.phase != .pending }.count <= 1)
    }

    @Test("cut off at any step, a release is as before or as after, and is carried to its end")
    func cut() async throws {
        let stops = Stops()
        let serving = try await Serving(probe: stops.probe)
        try await serving.serve("1.0")
        stops.watch(serving.test.folder, Self.steps)
        let release = try #require(try await serving.apply("2.0").release)
        try await serving.drive(release.id, to: .progressing)
        _ = try await serving.hub.order(release.id, .pause(reason: "look"), expected: .none, by: serving.test.admin)
        try await serving.hub.saveAnalysis([
            AnalysisSave(release: release.id, analysis: Analysis(release.release.spec, at: 0), stopwatch: Stopwatch(), sessions: [])
        ])
        _ = try await serving.hub.order(release.id, .resume(reason: "seen"), expected: .none, by: serving.test.admin)
        try await serving.drive(release.id)
        stops.rest()
        #expect(stops.failure == nil && stops.copies.count >= 30)
        var phases: Set<Release.Phase> = []
        for (index, copy) in stops.copies.enumerated() {
            let cut = try await Serving(TestHub(in: copy.folder, clock: TestClock(serving.test.clock.now)))
            try await check(cut, "\(index) \(copy.step.rawValue)")
            let facts = try cut.hub.releases(of: nil, phase: nil, before: .max, limit: 100, for: cut.test.admin).map(\.facts)
            if facts.count == 1 {
                #expect(copy.step == .applyInTransaction, "an uncommitted apply left nothing")
            } else {
                phases.insert(facts[0].phase)
                // What was asked and not done is asked again; a pause by hand holds until somebody resumes.
                _ = try await cut.hub.advance(release.id, .controllerStarted)
                let route = try cut.hub.route(of: Serving.name, for: cut.test.admin).route.generation
                _ = try await cut.hub.advance(release.id, .routeApplied(generation: route))
                if facts[0].release.pauses.contains(.manual) {
                    _ = try await cut.hub.order(release.id, .resume(reason: "go"), expected: .none, by: cut.test.admin)
                }
                try await cut.drive(release.id)
                #expect(try cut.endpoint().stable?.model.version == "2.0", "\(index) \(copy.step.rawValue)")
                try await check(cut, "\(index) after")
            }
            await cut.test.close()
        }
        #expect(phases.isSuperset(of: [.pending, .preparing, .progressing, .paused, .baking, .completing, .succeeded]))
        await serving.test.close()
    }

    @Test("who lost control only reads")
    func control() async throws {
        let serving = try await Serving()
        let release = try #require(try await serving.apply("1.0").release)
        try tamper(serving.test.root.layout.catalog, "UPDATE controller SET owner = 'another', epoch = epoch + 1")
        let rows = try serving.test.rows()
        let refused = try await refusal { try await serving.hub.advance(release.id, .tick(Serving.good)) }
        #expect(refused?.code == .notInControl && refused?.message.contains("another") == true)
        #expect(try await code { try await serving.hub.settle([1]) } == .notInControl)
        #expect(try await code { try await serving.hub.addUsage([], batch: 1) } == .notInControl)
        #expect(try serving.test.rows() == rows)
        #expect(try serving.hub.activeReleases().count == 1)
        // People still may: whoever is in control carries it out.
        _ = try await serving.hub.order(release.id, .abort(reason: "no"), expected: .none, by: serving.test.admin)
        #expect(try await serving.hub.takeControl(owner: "test") == 3)
        _ = try await serving.hub.advance(release.id, .tick(Serving.good))
        await serving.test.close()
    }
}
