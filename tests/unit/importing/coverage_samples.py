"""One small program as five coverage tools would report it: JaCoCo's, Clover's and OpenCover's own forms.

Written after the published DTDs and schemas of the formats, with what real reports have besides: a DOCTYPE,
namespaces, sessions, totals, methods without lines, files that are referred to by number.
"""

from __future__ import annotations

LCOV = """\
TN:billing
SF:/home/ci/build/src/fee.c
FN:3,fee
FN:20,22,round_money(int, int)
FNDA:4,fee
FNDA:0,round_money(int, int)
FNF:2
FNH:1
BRDA:4,0,0,3
BRDA:4,0,1,1
BRDA:9,e0,0,-
BRDA:9,e0,1,-
BRF:4
BRH:2
DA:3,4
DA:4,4
DA:9,0,c2FtcGxl
DA:20,0
LF:4
LH:2
end_of_record
# LCOV 2.2 names functions by an index
TN:
SF:src/tax.c
FNL:0,7,9
FNA:0,2,tax
DA:7,2
DA:8,0
end_of_record
"""

COBERTURA = """\
<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.5" branch-rate="0.5" version="gcovr 7.2" timestamp="1700000000" complexity="0.0">
  <sources><source>/home/ci/build</source></sources>
  <packages><package name="src" line-rate="0.5" branch-rate="0.5" complexity="0.0"><classes>
    <class name="fee_c" filename="src/fee.c" line-rate="0.5" branch-rate="0.5" complexity="0.0">
      <methods>
        <method name="fee" signature="(int)" line-rate="1" branch-rate="0.5" complexity="0.0">
          <lines><line number="4" hits="4"/><line number="3" hits="4"/></lines>
        </method>
        <method name="unplaced" signature="()"><lines/></method>
      </methods>
      <lines>
        <line number="3" hits="4" branch="false"/>
        <line number="4" hits="4" branch="true" condition-coverage="50% (2/4)">
          <conditions><condition number="0" type="jump" coverage="50%"/></conditions>
        </line>
        <line number="9" hits="0" branch="true" condition-coverage="0% (0/2)"/>
      </lines>
    </class>
  </classes></package></packages>
</coverage>
"""

JACOCO = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\
<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="billing"><sessioninfo id="ci-1" start="1700000000000" dump="1700000001000"/>
<group name="core"><package name="acme/billing">
<class name="acme/billing/Fee" sourcefilename="Fee.java">
<method name="&lt;init&gt;" desc="()V" line="3">
<counter type="INSTRUCTION" missed="3" covered="0"/><counter type="METHOD" missed="1" covered="0"/></method>
<method name="fee" desc="(I)I" line="5">
<counter type="BRANCH" missed="1" covered="3"/><counter type="METHOD" missed="0" covered="1"/></method>
<method name="bridge" desc="()V"><counter type="METHOD" missed="1" covered="0"/></method>
<counter type="CLASS" missed="0" covered="1"/></class>
<sourcefile name="Fee.java">
<line nr="3" mi="3" ci="0" mb="0" cb="0"/>
<line nr="5" mi="0" ci="4" mb="0" cb="2"/>
<line nr="6" mi="2" ci="1" mb="1" cb="1"/>
<counter type="BRANCH" missed="1" covered="3"/></sourcefile>
<sourcefile name="Tax.java"><line nr="2" mi="0" ci="4" mb="0" cb="0"/></sourcefile>
<counter type="BRANCH" missed="1" covered="3"/></package></group></report>
"""

CLOVER = """\
<?xml version="1.0" encoding="UTF-8"?>
<coverage generated="1700000000000" clover="4.5.2">
  <project timestamp="1700000000000" name="billing">
    <metrics coveredconditionals="3" conditionals="4"/>
    <package name="acme.billing"><metrics/>
      <file name="Fee.java" path="/home/ci/build/src/acme/billing/Fee.java"><metrics/>
        <class name="Fee"><metrics/></class>
        <line num="5" type="method" count="4" complexity="2" visibility="public" signature="fee(int) : int"/>
        <line num="6" type="cond" truecount="1" falsecount="3" complexity="1"/>
        <line num="6" type="cond" truecount="2" falsecount="0" complexity="1"/>
        <line num="7" type="stmt" count="1"/>
      </file>
    </package>
  </project>
  <testproject timestamp="1700000000000" name="tests">
    <package name="acme.billing"><file name="FeeTest.java" path="/home/ci/build/test/FeeTest.java">
      <line num="5" type="method" count="1" signature="test() : void"/></file></package>
  </testproject>
</coverage>
"""

ISTANBUL = """\
<?xml version="1.0" encoding="UTF-8"?>
<coverage generated="1700000000000" clover="3.2.0">
  <project timestamp="1700000000000" name="All files">
    <file name="fee.js" path="/home/ci/build/fee.js">
      <line num="2" count="4" type="cond" truecount="1" falsecount="2"/>
      <line num="3" count="1" type="stmt"/>
    </file>
  </project>
</coverage>
"""

OPENCOVER = """\
<?xml version="1.0" encoding="utf-8"?>
<CoverageSession xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Summary numBranchPoints="3" visitedBranchPoints="2"/>
  <Modules>
    <Module skippedDueTo="Filter" hash="00"><ModulePath>mscorlib.dll</ModulePath></Module>
    <Module hash="41-7A"><Summary/><ModuleName>Billing</ModuleName>
      <Files><File uid="1" fullPath="C:\\build\\src\\Fee.cs"/></Files>
      <Classes><Class><Summary/><FullName>Acme.Fee</FullName><Methods>
        <Method visited="true" cyclomaticComplexity="2" isConstructor="false">
          <MetadataToken>100663297</MetadataToken><Name>System.Int32 Acme.Fee::Of(System.Int32)</Name>
          <FileRef uid="1"/>
          <SequencePoints>
            <SequencePoint vc="4" uspid="1" ordinal="0" offset="0" sl="5" sc="9" el="5" ec="10" fileid="1"/>
            <SequencePoint vc="1" uspid="2" ordinal="1" offset="7" sl="7" sc="9" el="7" ec="10"/>
          </SequencePoints>
          <BranchPoints>
            <BranchPoint vc="1" uspid="3" ordinal="0" offset="5" sl="6" path="0" offsetend="7" fileid="1"/>
            <BranchPoint vc="3" uspid="4" ordinal="1" offset="5" sl="6" path="1" offsetend="9" fileid="1"/>
            <BranchPoint vc="0" uspid="5" ordinal="2" offset="9" sl="6" path="0" offsetend="9" fileid="1"/>
            <BranchPoint vc="0" uspid="6" ordinal="3" offset="9" sl="16707566" path="1" fileid="1"/>
          </BranchPoints>
          <MethodPoint xsi:type="SequencePoint" vc="4" uspid="1" ordinal="0" offset="0" sl="5"/>
        </Method>
      </Methods></Class></Classes>
    </Module>
  </Modules>
</CoverageSession>
"""

SAMPLES = {
    "lcov": LCOV,
    "cobertura": COBERTURA,
    "jacoco": JACOCO,
    "clover": CLOVER,
    "opencover": OPENCOVER,
}
